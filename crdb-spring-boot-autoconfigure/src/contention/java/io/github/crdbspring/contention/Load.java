package io.github.crdbspring.contention;

import java.util.function.IntFunction;

/**
 * Callers that do the same.
 *
 * @param label what it is called in the report
 * @param threads the number of callers
 * @param method the method that they call
 * @param dataSet makes the rows of a run of that number
 */
record Load(String label, int threads, Method method, IntFunction<DataSet> dataSet) {

	/**
	 * A method of {@link Calls}.
	 */
	enum Method {

		FIRST, SECOND

	}

}
