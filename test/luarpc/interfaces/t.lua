-- What the tests need; the same as `declared` in support.ts.
interface t {
  double foo (in double a, in double b, out string s);
  void boo (inout double n);
  string echo (in string s);
  char one (in char c);
  void nothing ();
  void take (in string s);
  string mixed (out double x, in string s, inout char c);
  double fail (in string why);
  double lacking ();
};
