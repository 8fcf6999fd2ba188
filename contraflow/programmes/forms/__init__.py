"""The shape of what people enter about programmes, by noun."""
