/**
 * A repository that is refused.
 */
package io.github.crdbspring.compatibility.mistaken;
