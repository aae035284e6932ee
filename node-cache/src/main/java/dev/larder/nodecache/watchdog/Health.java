package dev.larder.nodecache.watchdog;

/** Whether pulls may be sent to the cache. */
public enum Health {
    /** Not asked often enough yet: change nothing. */
    UNKNOWN,
    SERVING,
    TROUBLED
}
