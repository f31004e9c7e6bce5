"""How close a picture looks to the one it was made of."""
