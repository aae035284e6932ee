package dev.larder.nodecache.fake.login;

/** What one host does. Called by many threads. */
@FunctionalInterface
public interface Site {
    Reply answer(Asked asked);
}
