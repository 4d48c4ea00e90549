"""The perimeter that an application claims: its communes, its neighbours, what it lacks."""
