select repeat('x', 100) from generate_series(1, 100000);
