package io.github.crdbspring.test.stack;

import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Mapper;

/**
 * A mapper of MyBatis's.
 */
@Mapper
interface CurrencyMapper {

	@Insert("INSERT INTO currency VALUES (#{code})")
	void add(String code);

}
