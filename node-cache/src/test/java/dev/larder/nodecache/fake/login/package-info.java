/**
 * Registries as they log people in, one class each, under the names they have in the world: to test whoever has to get
 * past them, a node cache or its clients. Read {@link dev.larder.nodecache.fake.login.LoginSimulator} first, then
 * {@link dev.larder.nodecache.fake.login.Simulators} for the list.
 *
 * <p>Each class says where its behaviour was read. "Seen" means in the registry's own source or documentation, or quoted from a
 * live answer in an issue; "read" means in facts of others only. None was tried against the live service from here.
 */
@org.jspecify.annotations.NullMarked
package dev.larder.nodecache.fake.login;
