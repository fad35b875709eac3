/**
 * An audit that is fed by what the transfers leave behind, not by those who make them.
 */
@NullMarked
package io.github.crdbspring.sample.audit;

import org.jspecify.annotations.NullMarked;
