package io.github.crdbspring.chaos;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;

import io.github.crdbspring.test.CockroachCluster;
import io.github.crdbspring.test.CockroachNode;

/**
 * Nodes that are killed, drained or stopped, each for some seconds. They are started
 * again before the next one is down.
 */
final class NodeFaults {

	private static final String RESTARTED = "node restarted";

	private final CockroachCluster cluster;

	private final FaultTally tally;

	private NodeFaults(CockroachCluster cluster, FaultTally tally) {
		this.cluster = cluster;
		this.tally = tally;
	}

	static List<FaultKind> of(CockroachCluster cluster, FaultTally tally) {
		NodeFaults faults = new NodeFaults(cluster, tally);
		return List.of(faults.kind("node killed", CockroachNode::kill),
				faults.kind("node drained", CockroachNode::drain), faults.kind("node stopped", CockroachNode::stop));
	}

	private FaultKind kind(String kind, Ending ending) {
		return new FaultKind(kind, 1, (random) -> end(ending, random));
	}

	private boolean end(Ending ending, Random random) throws IOException, InterruptedException {
		List<CockroachNode> nodes = this.cluster.nodes();
		CockroachNode node = nodes.get(random.nextInt(nodes.size()));
		try {
			ending.end(node);
			this.tally.pause(Duration.ofSeconds(1 + random.nextInt(8)));
		}
		finally {
			node.kill();
			this.cluster.restart(node);
			this.tally.happened(RESTARTED);
		}
		return true;
	}

	/**
	 * Puts an end to a node's work.
	 */
	private interface Ending {

		void end(CockroachNode node) throws IOException, InterruptedException;

	}

}
