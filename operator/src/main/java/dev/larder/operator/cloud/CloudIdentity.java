package dev.larder.operator.cloud;

import org.jspecify.annotations.Nullable;

/** Whose login is wanted. Equal ones get the same login, whatever the number of upstreams. */
public sealed interface CloudIdentity {

    /** Null for the identity that the operator itself has in the cloud. */
    @Nullable
    CloudKeys keys();

    /** Every private ECR registry of a region that the identity may read. */
    record Ecr(String region, @Nullable CloudKeys keys) implements CloudIdentity {}

    /** public.ecr.aws. */
    record EcrPublic(@Nullable CloudKeys keys) implements CloudIdentity {}

    /** Every registry of Google that the identity may read. */
    record Google(@Nullable CloudKeys keys) implements CloudIdentity {}

    /**
     * One registry of Azure.
     *
     * @param registry its login server
     * @param tenant null for that of the operator's environment
     */
    record Acr(
            String registry,
            @Nullable String tenant,
            @Nullable CloudKeys keys) implements CloudIdentity {}
}
