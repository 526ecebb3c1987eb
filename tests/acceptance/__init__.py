"""Real workers over real mail servers, killed."""
