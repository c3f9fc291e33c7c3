"""The pages anybody can open, and those a citizen opens with a reference and a PIN."""
