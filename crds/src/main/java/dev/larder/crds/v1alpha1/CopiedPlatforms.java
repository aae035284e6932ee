package dev.larder.crds.v1alpha1;

/** Which images of an index are copied. The names are those of the API. */
public enum CopiedPlatforms {
    All,
    Selected
}
