"""What we ask: one definition per service in <key>.yaml, and the compiler that makes a checked form of it."""
