"""What-ifs (« essais ») as they are asked and answered; the server keeps none of them."""
