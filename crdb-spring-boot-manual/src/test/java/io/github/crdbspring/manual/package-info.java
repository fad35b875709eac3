/**
 * Tests of what the pages of the manual say.
 */
@org.jspecify.annotations.NullMarked
package io.github.crdbspring.manual;
