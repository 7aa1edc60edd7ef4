META
key;value
description;Six against four: greedy leaves the minority with nothing
country;Nowhere
unit;Testing
instance;1
num_projects;3
num_votes;10
budget;100
vote_type;approval
rule;greedy
date_begin;2024
date_end;2024
min_length;1
max_length;2
PROJECTS
project_id;cost;votes;name;category;target;selected
A-1;50;6;"Lights; lamps and ""bulbs""";streets,safety;everyone;1
A-2;50;6;A second square;streets;seniors;1
B;40;4;Trees;greenery;children,youth;0
VOTES
voter_id;age;sex;vote
1;34;f;A-1,A-2
2;51;m;A-1,A-2
3;23;m;A-1,A-2
4;19;f;A-1,A-2
5;62;f;A-1,A-2
6;54;m;A-2,A-1
7;49;m;B
8;27;f;B
9;39;f;B
10;44;m;B
