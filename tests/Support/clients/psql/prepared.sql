prepare twice(int) as select $1 * 2;
execute twice(0);
execute twice(1);
execute twice(2);
execute twice(3);
execute twice(4);
