package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.toolchain.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The network of one native cluster. In the enclosure a bridge joins the nodes, the control plane and, by one pair of
 * interfaces, this machine, which has the first address of the subnet:
 * <pre>
 * larderN (machine, .1) ── uplink ┐
 *                                 bridge (control plane, .2)
 * eth0 (node i, .10+i)  ── vethI ─┘
 * </pre>
 */
final class Network {
    /** A listening socket's state in proc(5)'s tables. */
    private static final String LISTEN = "0A";

    private final Slot slot;
    private final Enclosure enclosure;
    private final Map<String, String> environment;

    private Network(Slot slot, Toolchain tools, Enclosure enclosure) {
        this.slot = slot;
        this.enclosure = enclosure;
        this.environment = Map.of("PATH", tools.searchPath());
    }

    /** Tries to take a slot: false when another cluster or another use of its subnet has it. */
    static boolean claim(Slot slot, Toolchain tools, Enclosure enclosure) {
        if (claimed(slot.number()) || subnetInUse(slot) || listenedOn(slot)) {
            return false;
        }
        // Making the interface is the claim: its name can exist once.
        String ip = tools.system().resolve("ip").toString();
        String pid = Long.toString(enclosure.firstPid());
        Command claim = Command.of(
                ip, "link", "add", slot.hostInterface(), "type", "veth", "peer", "name", "uplink", "netns", pid);
        Command.Result made = claim.result();
        if (!made.succeeded() && !claimed(slot.number())) {
            throw new CommandFailure("a pair of network interfaces could not be made: " + made.output());
        }
        return made.succeeded();
    }

    /** The network of a claimed slot, without nodes. */
    static Network build(Slot slot, Toolchain tools, Enclosure enclosure) {
        var network = new Network(slot, tools, enclosure);
        network.build();
        return network;
    }

    /** Whether the slot's interface is there: Java's own list has only those that have an address already. */
    static boolean claimed(int number) {
        String row = Slot.INTERFACE_PREFIX + number + ":";
        return rows(Path.of("/proc/net/dev")).anyMatch(line -> line.strip().startsWith(row));
    }

    private static boolean subnetInUse(Slot slot) {
        String prefix = slot.hostAddress().substring(0, slot.hostAddress().lastIndexOf('.') + 1);
        try {
            return Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
                    .flatMap(NetworkInterface::inetAddresses)
                    .anyMatch(address -> address.getHostAddress().startsWith(prefix));
        } catch (SocketException e) {
            throw new IllegalStateException("cannot list the machine's network interfaces", e);
        }
    }

    /**
     * Whether a program still listens on the slot's host address: one that hangs at its end keeps its sockets when the
     * interface has gone, and the next cluster's registry could not start.
     */
    private static boolean listenedOn(Slot slot) {
        // The kernel prints an IPv4 address as one little-endian number; a Java program's is at the end of an IPv6 one.
        byte[] address = addressOf(slot);
        String local = String.format("%02X%02X%02X%02X:", address[3], address[2], address[1], address[0]);
        return Stream.of("tcp", "tcp6")
                .flatMap(kind -> rows(Path.of("/proc/net", kind)).skip(1))
                .map(line -> line.strip().split("\\s+", -1))
                .anyMatch(fields -> fields[3].equals(LISTEN) && fields[1].contains(local));
    }

    private static byte[] addressOf(Slot slot) {
        try {
            return InetAddress.getByName(slot.hostAddress()).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("not a literal address", e);
        }
    }

    private static Stream<String> rows(Path table) {
        try {
            return Files.exists(table) ? Files.readAllLines(table).stream() : Stream.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void build() {
        // A bridge without an address of its own takes its ports' lowest: a new node would change it, and the others
        // would
        // not reach the control plane until their ARP entries expire, a minute later.
        run(enclosure.networkEntry(), """
                ip link set lo up
                ip link add bridge address 02:1a:2d:e2:00:01 type bridge
                ip addr add %s/24 dev bridge
                ip link set bridge up
                ip link set uplink master bridge up
                echo 1 > /proc/sys/net/ipv4/ip_forward
                """.formatted(slot.controlPlaneAddress()));
        run(List.of(), """
                ip addr add %s/24 dev %s
                ip link set %s up
                ip route add %s via %s
                """.formatted(
                        slot.hostAddress(),
                        slot.hostInterface(),
                        slot.hostInterface(),
                        slot.podCidr(),
                        slot.controlPlaneAddress()));
    }

    /** Joins a node to the bridge; it and the others learn the ways to each other's pods. */
    void join(NativeNode node, List<NativeNode> others) {
        String veth = "veth" + node.index();
        run(enclosure.networkEntry(), """
                ip link add %s type veth peer name eth0 netns %d
                ip link set %s master bridge up
                """.formatted(veth, node.holder(), veth) + route(node));
        run(
                node.networkEntry(),
                """
                ip link set lo up
                ip addr add %s/24 dev eth0
                ip link set eth0 up
                ip route add default via %s
                echo 1 > /proc/sys/net/ipv4/ip_forward
                echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
                """.formatted(node.address(), slot.controlPlaneAddress())
                        + others.stream().map(this::route).collect(Collectors.joining()));
        for (NativeNode other : others) {
            run(other.networkEntry(), route(node));
        }
    }

    private String route(NativeNode node) {
        return "ip route replace " + slot.podCidr(node.index()) + " via " + node.address() + "\n";
    }

    private void run(List<String> entry, String script) {
        Command.of("sh", "-e", "-c", script).behind(entry).with(environment).run();
    }
}
