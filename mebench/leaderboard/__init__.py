"""Tables from stored predictions, with published figures beside reproduced ones."""
