package io.github.crdbspring.matrix;

/**
 * What a transaction stands on.
 *
 * @param manager the transaction manager
 * @param autoCommit whether the pool's connections commit automatically
 * @param openInView whether there is a persistence context before the transaction begins
 */
record Stack(Manager manager, boolean autoCommit, boolean openInView) {

	@Override
	public String toString() {
		return this.manager + (this.autoCommit ? "" : ", auto-commit off") + (this.openInView ? ", open in view" : "");
	}

}
