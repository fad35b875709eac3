package io.github.crdbspring.changefeed;

import java.util.List;
import java.util.function.Consumer;

/**
 * A listener that takes what its rows are read as.
 */
final class ListenerTarget implements ContainerConfig.Target {

	private final RowReader reader;

	private final boolean list;

	private final Consumer<Object> listener;

	ListenerTarget(RowReader reader, boolean list, Consumer<Object> listener) {
		this.reader = reader;
		this.list = list;
		this.listener = listener;
	}

	@Override
	public void prepare(List<FeedRow> rows) {
		rows.stream().map(FeedRow::table).distinct().forEach(this.reader::prepare);
	}

	@Override
	public void call(List<FeedRow> rows) {
		if (this.list) {
			this.listener.accept(rows.stream().map(this.reader::read).toList());
			return;
		}
		for (FeedRow row : rows) {
			this.listener.accept(this.reader.read(row));
		}
	}

}
