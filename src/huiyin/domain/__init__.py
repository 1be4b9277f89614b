"""What a conversation, a tag, a profile, a lead and a finding are, and the pure rules over them."""
