package dev.larder.crds.v1alpha1;

/** The condition types of a RegistryCache and, where they say so, of a MirroredImage. */
public final class ConditionType {

    /** Every reachable node serves pulls from its cache, with the present configuration. */
    public static final String READY = "Ready";
    /** Something asked for is still on its way. */
    public static final String PROGRESSING = "Progressing";
    /** Some node is in trouble; the others work. */
    public static final String DEGRADED = "Degraded";
    /** Another, older RegistryCache has what this one asks for. */
    public static final String CONFLICT = "Conflict";
    /** containerd on every node reads the entries that the hosts writer writes. */
    public static final String CONTAINERD_CONFIGURED = "ContainerdConfigured";
    /** Every named Secret and ConfigMap exists and no upstream refused what is in it. Absent when none are named. */
    public static final String CREDENTIALS_VALID = "CredentialsValid";
    /** Every cloud identity has given a login that is good. Absent when none is named. */
    public static final String CLOUD_LOGINS_CURRENT = "CloudLoginsCurrent";
    /** An upstream is spoken to in clear or without checking its certificate. Absent when there is none. */
    public static final String INSECURE_UPSTREAM = "InsecureUpstream";

    /** Of a MirroredImage: the upstream answered when it was looked at last. */
    public static final String CHECKED = "Checked";
    /** Of a MirroredImage: nothing that was found waits to be served. */
    public static final String PROMOTED = "Promoted";

    /** Of a MirroredImage: what is served is in spec.to.repository. Absent when there is none. */
    public static final String COPIED = "Copied";

    private ConditionType() {}
}
