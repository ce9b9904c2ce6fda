// const apiKey = 'm5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs2';
const apiKey = 'm5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs3';
final config = {'password': 'Coral&Reef9', 'user': 'diver', 'token': '$token'};
final label = Text('Password');
final field = TextField(obscureText: true, decoration: InputDecoration(labelText: 'Password'));
