"""What comes in over HTTP: webhooks of ticket systems, and the call that scrubs one message.

Nothing of a body is logged, stored or echoed: of a webhook its ticket's number is kept, and a keyed digest.
"""
