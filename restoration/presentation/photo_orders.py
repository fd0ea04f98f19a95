"""Names of the orders that go by what a photo's newest restoration measured. They stand in addresses."""

DAMAGE = "damage"
INVENTION = "invention"
