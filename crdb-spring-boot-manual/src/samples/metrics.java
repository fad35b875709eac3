import io.micrometer.common.KeyValues;
