"""What customers are entitled to and how their risk is controlled, by tier and class: data, changed by two persons."""
