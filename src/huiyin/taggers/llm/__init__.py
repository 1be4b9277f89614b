"""A large model beside the other taggers: what it is asked, how its answer is read, what its word weighs. No I/O."""
