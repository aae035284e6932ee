package dev.larder.crds.v1alpha1;

/** Who may pull what is cached; the names are those of the API. */
public enum Access {
    Relay,
    Exchange,
    Shared,
    Anonymous
}
