"""Long computations kept by the register: asked, done, followed, stopped, taken up again."""
