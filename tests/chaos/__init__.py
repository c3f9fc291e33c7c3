"""No kill loses or doubles anything: processes that are killed, and a checker that knows none of our code."""
