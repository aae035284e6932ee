package dev.larder.operator.cloud;

/** Gets a login from a cloud; blocks for as long as its own timeouts allow. */
public interface LoginSource {

    RegistryLogin obtain(CloudIdentity identity) throws CloudFailure, InterruptedException;
}
