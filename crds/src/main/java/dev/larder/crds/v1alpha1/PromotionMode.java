package dev.larder.crds.v1alpha1;

/** Who says that a digest is served. The names are those of the API. */
public enum PromotionMode {
    Automatic,
    Manual
}
