GREETING = "the orders are counted"
