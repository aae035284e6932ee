package dev.larder.crds.v1alpha1;

/** What to do with a tag that the upstream no longer has; the names are those of the API. */
public enum OnDeletedUpstream {
    Refuse,
    Serve
}
