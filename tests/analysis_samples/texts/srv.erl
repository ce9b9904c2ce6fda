-module(srv).
% -define(PASSWORD, "Granite&Gneiss1").
-define(PASSWORD, "Granite_Gneiss_22").
opts() -> [{username, "troll"}, {password, "Bridge!Toll7"}, {token, os:getenv("TOKEN")}].
