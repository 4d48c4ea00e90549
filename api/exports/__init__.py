"""Files that planners leave with: what each holds, how it is named, made and sent."""
