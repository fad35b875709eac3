package io.github.crdbspring.test;

import io.github.crdbspring.test.RetrySafetyFinding.Kind;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;

/**
 * Records the requests of HTTP clients that are beans, or are made by a builder that is
 * one.
 */
final class RequestPostProcessor implements BeanPostProcessor {

	private static final ClientHttpRequestInterceptor RECORDING = (request, body, execution) -> {
		SafetyCheck.record(Kind.REQUEST, request.getMethod() + " " + request.getURI(), "");
		return execution.execute(request, body);
	};

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof RestClient client) {
			return client.mutate()
				.requestInterceptors((interceptors) -> interceptors.removeIf((interceptor) -> interceptor == RECORDING))
				.requestInterceptor(RECORDING)
				.build();
		}
		if (bean instanceof RestClient.Builder builder) {
			return builder.requestInterceptor(RECORDING);
		}
		if (bean instanceof RestTemplate template) {
			template.getInterceptors().add(RECORDING);
		}
		return bean;
	}

}
