"""SKD-TSTSAN: three streams, magnified motion, temporal shift, self-knowledge distillation (Zhu et al. 2024)."""
