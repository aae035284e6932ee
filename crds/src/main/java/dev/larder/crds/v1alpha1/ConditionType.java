package dev.larder.crds.v1alpha1;

/** The condition types of a RegistryCache. */
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
    /** An upstream is spoken to in clear or without checking its certificate. Absent when there is none. */
    public static final String INSECURE_UPSTREAM = "InsecureUpstream";

    private ConditionType() {}
}
