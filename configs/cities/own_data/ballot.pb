META
key;value
description;Synthetic ballot for the worked example
country;Nowhere
unit;Harbour town
instance;2024
num_projects;8
num_votes;24
budget;120000
vote_type;approval
rule;unknown
date_begin;2024
date_end;2024
min_length;1
max_length;3
currency;XXX
comment;#1: All data are synthetic.
PROJECTS
project_id;cost;votes;name;category;target
R1;60000;11;New pavement on the main street;streets;everyone
R2;45000;10;Lamps at the crossings;streets,safety;seniors
G1;30000;7;Trees along the canal;greenery;everyone
G2;12000;5;"Benches; flower beds";greenery;seniors
S1;36000;6;Football pitch behind the school;sport;youth
C1;15000;7;Reading room in the evening;education;children,youth
W1;24000;5;Drain at the market;environment;everyone
H1;9000;7;First-aid courses;health;everyone
VOTES
voter_id;age;sex;vote
1;34;f;R1,R2,G1
2;51;m;R1,R2
3;23;m;R1,R2
4;19;f;R1,R2,C1
5;62;f;R1,R2,H1
6;54;m;R1,R2
7;49;m;R1,R2
8;27;f;R1,R2
9;39;f;R1,R2
10;44;m;R1,R2
11;71;f;R1,G2
12;30;f;G1,G2,H1
13;28;m;G1,G2,H1
14;45;f;G1,W1,H1
15;33;m;G1,W1
16;58;f;G1,G2,W1
17;17;m;S1,C1
18;16;f;S1,C1
19;18;m;S1,C1
20;21;m;S1,C1
21;24;f;S1,C1,H1
22;36;f;C1,H1,W1
23;41;m;S1,H1,W1
24;66;f;G1,G2
