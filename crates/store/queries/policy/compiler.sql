select fingerprint from plinth.policy_compiler
