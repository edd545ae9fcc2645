"""Single vehicles as roadside radars record them."""
