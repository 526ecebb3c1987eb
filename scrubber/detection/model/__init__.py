"""The trained model: a linear-chain CRF over what a word looks like and what stands around it, tagged with numpy."""
