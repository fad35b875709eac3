import org.aspectj.lang.ProceedingJoinPoint;
import org.aspectj.lang.annotation.Around;
import org.aspectj.lang.annotation.Aspect;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

abstract class Surroundings {

	JdbcClient jdbc;

	CrdbTransactionTemplate crdbTransactionTemplate;

}
