#define AT_SECURE 23
unsigned long getauxval(unsigned long type);
