package io.github.crdbspring.transaction.contention;

import java.util.Arrays;
import java.util.Collection;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * What a call may have in common with others that it conflicts with: the keys that it
 * names, or else those of its arguments that can be one. Only hashes of them are kept,
 * and they are computed when they are needed for the first time, which is not before
 * there are conflicts.
 * <p>
 * One for each call, used by one thread at a time. Infrastructure of this library, no API
 * for applications.
 *
 * @since 0.1.0
 */
public final class CallKeys {

	/**
	 * A method with more arguments than this has no more candidates: whoever needs the
	 * ninth names it.
	 */
	private static final int MAX_CANDIDATES = 8;

	private static final long[] NO_HASHES = {};

	private final boolean named;

	private @Nullable Object @Nullable [] values;

	private long[] hashes = NO_HASHES;

	private boolean judged;

	private CallKeys(boolean named, @Nullable Object @Nullable [] values) {
		this.named = named;
		this.values = values;
	}

	/**
	 * A call of which nothing is known.
	 * @return no keys
	 */
	public static CallKeys none() {
		return new CallKeys(false, null);
	}

	/**
	 * A call that names its keys.
	 * @param keys values of whatever type, each with {@code equals} and {@code hashCode}
	 * @return the keys
	 */
	public static CallKeys named(Collection<?> keys) {
		return new CallKeys(true, keys.toArray());
	}

	/**
	 * A call that names no keys.
	 * @param arguments its arguments, of which the simple ones are candidates: UUIDs,
	 * numbers, text and enums
	 * @return the candidates
	 */
	public static CallKeys candidates(@Nullable Object[] arguments) {
		return new CallKeys(false, arguments);
	}

	/**
	 * Whether the call says itself what it has in common with others.
	 */
	boolean areNamed() {
		return this.named;
	}

	/**
	 * Return the hashes, each once and none of them 0.
	 */
	long[] hashes() {
		@Nullable Object[] values = this.values;
		if (values != null) {
			this.hashes = hashes(values);
			this.values = null;
		}
		return this.hashes;
	}

	private long[] hashes(@Nullable Object[] values) {
		long[] hashes = new long[this.named ? values.length : Math.min(values.length, MAX_CANDIDATES)];
		int count = 0;
		for (Object value : values) {
			if (value != null && count < hashes.length && (this.named || isSimple(value))) {
				long hash = hash(value);
				if (!contains(hashes, count, hash)) {
					hashes[count++] = hash;
				}
			}
		}
		return (count == hashes.length) ? hashes : Arrays.copyOf(hashes, count);
	}

	private static boolean contains(long[] hashes, int count, long hash) {
		for (int i = 0; i < count; i++) {
			if (hashes[i] == hash) {
				return true;
			}
		}
		return false;
	}

	private static boolean isSimple(Object value) {
		return value instanceof CharSequence || value instanceof Number || value instanceof UUID
				|| value instanceof Enum<?>;
	}

	/**
	 * Without the position of the argument, since an account is the same whether money is
	 * taken from it or put into it; but with its type, since an amount is no account.
	 */
	private static long hash(Object value) {
		long hash;
		if (value instanceof CharSequence text) {
			hash = mix(text.length()) + text.toString().hashCode();
		}
		else {
			hash = typeOf(value).getName().hashCode() * 31L + mix(bits(value));
		}
		long mixed = mix(hash);
		return (mixed != Admission.NAME) ? mixed : 1;
	}

	private static Class<?> typeOf(Object value) {
		return (value instanceof Enum<?> constant) ? constant.getDeclaringClass() : value.getClass();
	}

	private static long bits(Object value) {
		if (value instanceof UUID uuid) {
			return mix(uuid.getMostSignificantBits()) + uuid.getLeastSignificantBits();
		}
		if (value instanceof Long number) {
			return number;
		}
		if (value instanceof Enum<?> constant) {
			return constant.ordinal();
		}
		return Arrays.deepHashCode(new Object[] { value });
	}

	/**
	 * The finalizer of MurmurHash3: each bit of the result depends on each of the input.
	 */
	private static long mix(long value) {
		long mixed = value + 0x9E3779B97F4A7C15L;
		mixed = (mixed ^ (mixed >>> 33)) * 0xFF51AFD7ED558CCDL;
		mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
		return mixed ^ (mixed >>> 33);
	}

	/**
	 * Whether this is asked for the first time: each call is evidence once, however often
	 * it is retried, or else an argument that no other call has would look as if it were
	 * the cause.
	 */
	boolean judgeOnce() {
		boolean first = !this.judged;
		this.judged = true;
		return first;
	}

}
