package dev.larder.operator.mirroredimage;

/** What an upstream said about one reference. */
sealed interface Sight {

    record Is(String digest) implements Sight {}

    /** It does not have it. */
    record Gone() implements Sight {}

    /** It did not say. */
    record Unknown(String message) implements Sight {}
}
