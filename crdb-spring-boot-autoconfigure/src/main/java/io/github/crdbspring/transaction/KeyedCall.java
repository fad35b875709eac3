package io.github.crdbspring.transaction;

import org.jspecify.annotations.Nullable;

/**
 * A callback that is a call of a method with arguments, which may have something in
 * common with those of other calls that it conflicts with. Infrastructure of this
 * library, no API for applications.
 *
 * @since 0.1.0
 */
public interface KeyedCall {

	/**
	 * Return the arguments, which have to stay as they are until the call has ended.
	 * @return the arguments
	 */
	@Nullable Object[] arguments();

}
