package texts

// Tenths writes a number of tenths, such as 56 as 5.6; a whole one without its nought.
func (l Language) Tenths(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	if n%10 == 0 {
		return sign + l.Number(n/10)
	}
	return sign + l.Number(n/10) + l.point + string(rune('0'+n%10))
}

// PercentTenths writes tenths of hundredths, such as 56 as 5.6%.
func (l Language) PercentTenths(n int64) string { return l.Tenths(n) + l.percent + "%" }

// Hundredths writes a number of hundredths, such as 1250 as 12.5.
func (l Language) Hundredths(n int64) string {
	if n%10 == 0 {
		return l.Tenths(n / 10)
	}
	return l.Number(n/100) + l.point + string(rune('0'+n/10%10)) + string(rune('0'+n%10))
}
