package dev.larder.nodecache;

/** This build's version; a test holds it to the pom's. */
final class Version {

    static final String TEXT = "0.1.0";

    private Version() {}
}
